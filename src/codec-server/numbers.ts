/** The numbers of the codec server, each with its unit and its reason. */

/** Payloads of one request: a page of the UI has some hundreds. */
export const CODEC_PAYLOADS_MAX = 5_000;
/** Payloads that are opened before other requests have their turn. */
export const CODEC_PAYLOADS_AT_ONCE = 50;
/** Seconds that the clock of whoever signs tokens may differ. */
export const CODEC_CLOCK_TOLERANCE_S = 30;
/** Bytes of one request: the payloads of a gRPC message of Temporal, at most 4 MiB, in base64 and with room to spare. */
export const CODEC_BODY_MAX_BYTES = 8 * 1024 * 1024;
