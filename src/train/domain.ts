/** What Gaussian diffusion is over: the details of an integer pyramid, stage after stage, or the pixels of an image at once. */
export const DOMAINS = ['pyramid', 'pixels'] as const;
export type Domain = (typeof DOMAINS)[number];
