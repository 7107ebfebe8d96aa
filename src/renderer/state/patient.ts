// What a page loads when it is first shown: where the host is away just then, it is asked for again.
import { useApp } from './app.ts'

/** Milliseconds in which a loss of the connection is noticed. */
const NOTICED = 1_000
/** Times that something is asked for while the host answers: what is not there then will not come. */
const MOST = 3

/** What `load` gives, sooner or later; rejects as it does when the host has it no more. */
export async function patiently<T>(load: () => Promise<T>): Promise<T> {
  for (let time = 1; ; time++) {
    try {
      return await load()
    } catch (error) {
      if (time === MOST) throw error
      await new Promise((resolve) => setTimeout(resolve, NOTICED))
      await connected()
    }
  }
}

function connected(): Promise<void> {
  return new Promise((resolve) => {
    const isOpen = () => useApp.getState().status.state === 'open'
    if (isOpen()) return resolve()
    const stop = useApp.subscribe(() => {
      if (!isOpen()) return
      stop()
      resolve()
    })
  })
}
