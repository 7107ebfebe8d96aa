// Why a device cannot be used, in words, and what helps: made of what onnxruntime and the drivers said.
import type { Device, Fix } from '../../shared/devices.ts'

export interface Unavailable {
  readonly reason: string
  readonly fix: Fix | null
}

interface Rule {
  /** What is recognised in the error or in what was written to standard error. */
  readonly pattern: RegExp
  explain(match: RegExpExecArray): Unavailable
}

const setUp: Fix = {
  text: 'Set up CUDA: it fetches the provider and names what else is missing.',
  command: 'monoscope setup cuda',
  action: 'setup-cuda',
}
const again = (text: string): Fix => ({ text, action: 'probe' })

const cudaRules: readonly Rule[] = [
  {
    // the provider itself, which npm does not bring
    pattern: /libonnxruntime_providers_(?:shared|cuda)\.so: cannot open shared object file/,
    explain: () => ({ reason: 'onnxruntime’s CUDA provider is not installed.', fix: setUp }),
  },
  {
    pattern: /(lib[\w-]+\.so(?:\.\d+)*): cannot open shared object file/,
    explain: ([, library = '']) => ({
      reason: `The CUDA provider needs ${library}, which the system does not find.`,
      fix: setUp,
    }),
  },
  {
    pattern: /driver version is insufficient|CUDA failure 35\b/,
    explain: () => ({
      reason: 'The NVIDIA driver is too old for this CUDA provider.',
      fix: again('Update the NVIDIA driver, restart, and probe again.'),
    }),
  },
  {
    pattern: /no CUDA-capable device|CUDA failure 100\b|invalid device ordinal|CUDA failure 101\b/,
    explain: () => ({
      reason: 'CUDA sees no such GPU.',
      fix: again('Check that nvidia-smi lists it and CUDA_VISIBLE_DEVICES does not hide it; probe again.'),
    }),
  },
  {
    pattern: /CUDA_ERROR_OUT_OF_MEMORY|out of memory|CUDA failure 2\b/,
    explain: () => ({
      reason: 'The GPU’s memory is taken by other programs.',
      fix: again('Close what else uses the GPU, and probe again.'),
    }),
  },
]

const webgpuRules: readonly Rule[] = [
  {
    pattern: /Failed to get a WebGPU adapter|Couldn't load Vulkan|libvulkan\.so/,
    explain: () =>
      process.platform === 'linux'
        ? {
            reason: 'No Vulkan driver answers, and WebGPU needs one here.',
            fix: {
              text: 'Install the Vulkan loader and the GPU’s Vulkan driver (NVIDIA’s comes with its driver).',
              command: 'sudo apt-get install libvulkan1 mesa-vulkan-drivers',
              action: 'probe',
            },
          }
        : {
            reason: 'The system offers WebGPU no GPU.',
            fix: again('Update the graphics driver, and probe again.'),
          },
  },
]

const anyRules: readonly Rule[] = [
  {
    pattern: /backend not found|assigned to the default CPU EP|Left to another device/,
    explain: () => ({
      reason: 'onnxruntime would silently run the work on the CPU instead: it has no such provider here.',
      fix: null,
    }),
  },
]

/** `message` is the probe's error, `output` what its process wrote to standard error. */
export function explainUnavailable(device: Device, message: string, output: string): Unavailable {
  const own = { cuda: cudaRules, webgpu: webgpuRules, cpu: [] }[device.provider]
  for (const { pattern, explain } of [...own, ...anyRules]) {
    const match = pattern.exec(`${message}\n${output}`)
    if (match) return explain(match)
  }
  return {
    reason: `${device.name} does not start: ${message.trim().split('\n').at(-1) ?? message}`,
    fix: again('Update its driver, and probe again.'),
  }
}

/** The device answered, and its numbers are not the CPU's. */
export function wrongNumbers(failed: readonly string[]): Unavailable {
  return {
    reason: `Its numbers differ from the CPU’s: ${failed.join(', ')}.`,
    fix: again('Update its driver, and probe again; until then it is not used.'),
  }
}
