/** What a row of facts says of a sample: numbers of src/kernels/samples.ts by their names. */
export const FACTS = {
  /** Of the mixture as the network has it. */
  mean: 0,
  deviation: 1,
  /** 16 times the shifts of the mean by both regressions; steps of the scale by either, and the class they come from. */
  long16: 2,
  short16: 3,
  step: 4,
  scaleClass: 5,
  /** What the mixture is moved by: 16 times the shift of its mean, and steps of its scale. */
  shift16: 6,
  steps: 7,
} as const;
