/** The number nearest to a value among those up to a limit in magnitude. */
export const within = (value: number, limit: number): number => Math.min(Math.max(value, -limit), limit);
