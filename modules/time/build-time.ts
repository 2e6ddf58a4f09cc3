/**
 * When this firmware was built, Unix seconds: no device that runs it can have an earlier time. A build writes its own
 * in the place of this one (tools/xs/compile/build-time.mjs); on the host sim/device/firmware.ts does.
 */
export const BUILD_UNIX_SECONDS = 1_795_305_600;
