// Which edition of the numerics checks this is, without loading what they run on.

/** Counted up when a check changes, so that what was remembered of devices is checked again. */
export const NUMERICS_VERSION = 1
