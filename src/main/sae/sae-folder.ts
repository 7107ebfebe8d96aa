// Names of the files in an SAE's folder.
export const CONFIG = 'cfg.json'
export const WEIGHTS = 'sae_weights.safetensors'
export const SPARSITY = 'sparsity.safetensors'
export const RUNNER = 'runner_cfg.json'
export const METRICS = 'metrics.sqlite'
export const EVALUATION = 'evaluation.json'
export const CHECKPOINTS = 'checkpoints'
