/** What an operation answers. A body in pieces is sent as they come, and no faster than the caller reads. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** The media type; absent: no body. */
  readonly type?: string;
  readonly body?: string | AsyncIterable<string>;
}

export const json = (value: unknown, status = 200, headers: Reply["headers"] = {}): Reply => ({
  status,
  headers,
  type: "application/json",
  body: JSON.stringify(value),
});

/** Rows that are joined to one piece. */
const AT_ONCE = 200;

/** A JSON array of rows that are made while it is sent. */
export const jsonRows = (rows: AsyncIterable<object>, headers: Reply["headers"] = {}): Reply => ({
  status: 200,
  headers,
  type: "application/json",
  body: pieces(rows, (row) => JSON.stringify(row), ["[", ",", "]"]),
});

/** `[before, between, after]` */
export async function* pieces<Row>(
  rows: AsyncIterable<Row>,
  format: (row: Row) => string,
  [before, between, after]: readonly [string, string, string],
): AsyncGenerator<string> {
  let texts: string[] = [];
  let start = before;
  for await (const row of rows) {
    texts.push(format(row));
    if (texts.length < AT_ONCE) continue;
    yield start + texts.join(between);
    start = between;
    texts = [];
  }
  yield (texts.length > 0 || start === before ? start + texts.join(between) : "") + after;
}
