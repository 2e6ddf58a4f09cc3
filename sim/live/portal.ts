/** What of a phone the portal needs (world/phone.ts). */
export interface PortalPhone {
  readonly accessPoint: object | undefined;
  join(): boolean;
  leave(): void;
  /** @returns where a browser on this computer finds the device's setup page */
  serve(): Promise<string>;
  close(): Promise<void>;
}

/** The phone's visit to the device's own Wi-Fi. */
export class Portal {
  #url: string | undefined;

  /** While the phone is joined. */
  get url(): string | undefined {
    return this.#url;
  }

  /** @returns whether there was something to join */
  async join(phone: PortalPhone): Promise<boolean> {
    if (!phone.join()) return false;
    this.#url ??= await phone.serve();
    return true;
  }

  leave(phone: PortalPhone): void {
    this.#url = undefined;
    phone.leave();
    void phone.close();
  }

  /** Called often: an access point that has gone takes the phone with it. @returns whether it did */
  look(phone: PortalPhone): boolean {
    if (this.#url === undefined || phone.accessPoint) return false;
    this.leave(phone);
    return true;
  }
}
