// The app in a browser: a host with an endpoint that also serves the page, until it is asked to end.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import open from 'open'
import { expected } from '../shared/errors.ts'
import { forkCompute } from './host/fork.ts'
import { openHost } from './host/host.ts'
import { version } from './store/version.ts'

export interface ServeOptions {
  readonly workspace: string
  readonly port?: number
  readonly host?: string
  readonly allowRemote?: boolean
  /** Show it in the default browser too, where there is a desktop. */
  readonly browse: boolean
  /** Begin the demo in an empty workspace, and go on with one that was under way. */
  readonly demo: boolean
  /** Writes a line for the person who started it. */
  readonly say: (line: string) => void
}

/** Serves until SIGINT or SIGTERM; `onReady` is called with the URL. */
export async function serve(options: ServeOptions, onReady: (url: string) => void): Promise<void> {
  const assets = pageFolder()
  const ending = askedToEnd()
  const host = await openHost({
    workspace: options.workspace,
    kind: 'serve',
    version,
    launch: forkCompute(),
    demo: options.demo,
    endpoint: {
      assets,
      ...(options.port !== undefined && { port: options.port }),
      ...(options.host !== undefined && { host: options.host }),
      ...(options.allowRemote !== undefined && { allowRemote: options.allowRemote }),
    },
    onProblem: (problem) =>
      options.say(
        problem ? `${problem.message} ${problem.hint ?? ''} [${problem.code}]` : 'Writing works again.',
      ),
  })
  if (options.allowRemote) {
    options.say(
      'Warning: other machines can reach this; whoever has the link can read and change everything.',
    )
  }
  onReady(host.url)
  if (options.browse && hasDesktop()) {
    open(host.url).catch(() => options.say('No browser could be opened; open the address yourself.'))
  }
  await ending
  await host.close()
}

/** Where the built page lies; src/main and out/main are equally deep. Throws `serve/not-built`. */
function pageFolder(): string {
  const folder = fileURLToPath(new URL('../../out/renderer', import.meta.url))
  if (existsSync(`${folder}/index.html`)) return folder
  throw expected('serve/not-built', 'The page has not been built.', 'Run "npm run build" first.')
}

function hasDesktop(): boolean {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY)
}

/** Resolves when the person, the system or a closing terminal asks for the end, also when that is during the start. */
function askedToEnd(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false
    const end = () => {
      // a second Ctrl-C does not wait for jobs to stop
      if (asked) process.exit(1)
      asked = true
      resolve()
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
  })
}
