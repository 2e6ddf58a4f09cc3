import { createPrivateKey } from "node:crypto";
import { join } from "node:path";
import { FORMATS } from "../../../modules/update/formats";
import { imageMarker } from "../../../modules/update/marker";
import { simImage } from "../../../sim/boot/sim-image";
import type { DevelopmentPki } from "../../pki/development";
import { createManifest, signManifest } from "../../release/manifest";
import { UpdateServer } from "../../release/server";

/** Where a device looks for images (modules/update/fetch/named-socket.ts). */
const HTTPS = 443;
const BYTES = 1_300_000;
const RELEASE = 2;
/** Minutes and more to either side of now. */
const HOUR_SECONDS = 3_600;

/**
 * Whose updates tools/bench/xs/firmware takes: the key of RFC 6979, A.2.5, which everybody has. Only what is built for
 * this bench trusts it.
 */
const KEY = createPrivateKey({
  key: {
    kty: "EC",
    crv: "P-256",
    d: "ya-p2EW6dRZrXCFXZ7HWk05Qw9s26JsSe4piKxIPZyE",
    x: "YP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Y",
    y: "eQP-EAi4vJmkGunpVii8ZPLxsgwtfp9Rd6PClNRGIpk",
  },
  format: "jwk",
});

/** An update for the bench's firmware, on a server of its own at port 443 of this computer. */
export class BenchUpdate {
  /** The offer. */
  readonly jws: string;
  readonly release = RELEASE;
  #server: UpdateServer;

  private constructor(server: UpdateServer, jws: string) {
    this.#server = server;
    this.jws = jws;
  }

  /** @throws NodeJS.ErrnoException where port 443 is somebody else's, or only root's */
  static async open(folder: string, pki: DevelopmentPki): Promise<BenchUpdate> {
    const version = "0.2.0";
    const marker = imageMarker({ boardId: "simulator", release: RELEASE, firmwareVersion: version });
    const image = simImage(`${marker}\n${"0123456789abcde\n".repeat(BYTES / 16)}`);
    const server = await UpdateServer.start({
      key: pki.broker.keyPem,
      certificateChain: pki.broker.certificatePem,
      deviceAuthority: pki.deviceAuthorityPem,
      folder: join(folder, "images"),
      port: HTTPS,
    });
    await server.store.add(image);
    const now = Math.floor(Date.now() / 1000);
    const manifest = createManifest({
      ...{ image, release: RELEASE, version, from: 1, floor: 1, formats: FORMATS, boards: ["simulator"] },
      ...{ iat: now - HOUR_SECONDS, expires: now + HOUR_SECONDS },
    });
    return new BenchUpdate(server, signManifest(manifest, KEY.export({ type: "pkcs8", format: "der" })));
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}
