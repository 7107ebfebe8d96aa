// A step made ready for a device: written once, run on every one.
import type { Device } from '../../shared/devices.ts'
import { openLooped } from './looped.ts'
import { openResident } from './resident.ts'
import { namesOf, type Step, type Stepper, type Tensors } from './steps.ts'

/**
 * Prepares a step for a device. CPU and CUDA run all steps of a `run` inside one Loop, so that the state crosses to the
 * device and back once a run; WebGPU has no Loop, and keeps the state in its buffers from step to step.
 */
export async function openStepper<S extends string, X extends string, M extends string>(
  step: Step<S, X, M>,
  initial: Tensors<S>,
  device: Device,
): Promise<Stepper<S, X, M>> {
  for (const name of namesOf(step.state)) {
    const [wanted, given] = [step.state[name], initial[name]]
    if (given.dtype !== wanted.dtype || given.shape.join() !== wanted.shape.join()) {
      throw new Error(
        `The state "${name}" is ${wanted.dtype}[${wanted.shape.join(', ')}], ` +
          `and ${given.dtype}[${given.shape.join(', ')}] was given.`,
      )
    }
  }
  const open = device.provider === 'webgpu' ? openResident : openLooped
  return await open(step, initial, device)
}
