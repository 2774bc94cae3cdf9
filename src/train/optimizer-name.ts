/** What trains the hidden convolutions: Muon, or AdamW as all else (optimizers.ts). */
export const OPTIMIZERS = ['muon', 'adamw'] as const;
export type OptimizerName = (typeof OPTIMIZERS)[number];
