// What a command does once there is a host to ask.
import type { AppContract } from '../../shared/contract/index.ts'
import type { Client } from '../../shared/wire/client.ts'
import type { Connection } from './connect.ts'
import type { Output } from './output.ts'

export interface Session {
  readonly connection: Connection
  readonly client: Client<AppContract>
  readonly output: Output
}

export type Options = Readonly<Record<string, string | boolean | undefined>>

/** Wraps what a command does: opens the host before and closes it after. */
export type Action = (
  run: (session: Session, options: Options, args: readonly (string | undefined)[]) => Promise<void>,
) => (...received: unknown[]) => Promise<void>
