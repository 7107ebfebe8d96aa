// onnxruntime as the product loads it leaves nothing in a person's home: its reports begin with a device's id and a database there.
import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../helpers/temporary.ts'

const source = (path: string) => JSON.stringify(new URL(`../../../src/main/onnx/${path}`, import.meta.url))

const program = `
  import { cpu } from ${source('device.ts')}
  import { encode } from ${source('encode.ts')}
  import { Graph } from ${source('graph.ts')}
  import { identity } from ${source('ops/elementwise.ts')}
  import { Session } from ${source('session.ts')}
  import { tensor } from ${source('tensor.ts')}
  const graph = new Graph('same')
  graph.output('y', identity(graph.input('x', 'float32', [2])))
  const session = await Session.open(encode(graph), { device: cpu, outputs: ['y'] })
  const { y } = await session.run({ x: tensor('float32', [2], Float32Array.of(1, 2)) })
  console.log(y.data.join())
  await session.close()
`

it('a session makes no report', async () => {
  const home = await temporaryFolder()
  const { PATH, LD_LIBRARY_PATH } = process.env
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    // what would keep it silent by itself, as CI does, is left out
    env: {
      ...{ HOME: home, XDG_CACHE_HOME: home },
      ...(PATH !== undefined && { PATH }),
      ...(LD_LIBRARY_PATH !== undefined && { LD_LIBRARY_PATH }),
    },
  })
  expect(stdout.trim()).toBe('1,2')
  expect(await readdir(home)).toEqual([])
})
