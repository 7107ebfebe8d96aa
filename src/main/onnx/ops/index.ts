// Every operation graphs are made of.
export * from './control.ts'
export * from './elementwise.ts'
export * from './matrix.ts'
export * from './normalise.ts'
export * from './quantised.ts'
export * from './reduce.ts'
export * from './select.ts'
export * from './shape.ts'
