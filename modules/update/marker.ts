/** What an image says of itself. */
export interface ImageFacts {
  readonly firmwareVersion: string;
  readonly boardId: string;
  readonly release: number;
}

/** The text by which the tools find board and release among an image's bytes. */
export function imageMarker({ boardId, release, firmwareVersion }: ImageFacts): string {
  return `AEROLINK-IMAGE${JSON.stringify({ v: 1, board: boardId, release, version: firmwareVersion })}`;
}
