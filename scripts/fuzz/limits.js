/** What any input may take; README.md and ARCHITECTURE.md state the same. */

export const MAX_SECONDS = 10;

/** Of the process, fuzzer included, before any pixels. */
const BASE_MEGABYTES = 300;
/** Of the pixels that a header states. */
const BYTES_PER_PIXEL = 40;

export const allowedMegabytes = (pixels) => BASE_MEGABYTES + (pixels * BYTES_PER_PIXEL) / 2 ** 20;
