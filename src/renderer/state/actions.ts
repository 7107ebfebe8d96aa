// Calls that a person starts: what goes wrong is said as a toast, with the hint.
import { notifications } from '@mantine/notifications'
import { createElement } from 'react'
import type { CallName, InputOf, OutputOf } from '../../shared/contract/define.ts'
import type { AppContract } from '../../shared/contract/index.ts'
import { type ErrorData, toErrorData } from '../../shared/errors.ts'
import { ChoiceToast } from '../ui/choice-toast.tsx'
import { ErrorToast } from '../ui/error-toast.tsx'
import { link, useApp } from './app.ts'

export function showError(error: ErrorData): void {
  if (error.kind === 'cancelled') return
  notifications.show({
    color: 'red',
    title: error.message,
    message: createElement(ErrorToast, { error, onCopy: () => void copy(errorText(error), 'Details') }),
    // said once, however often it happens
    id: `${error.code} ${error.message}`,
    autoClose: 10_000,
    withBorder: true,
  })
}

export function showDone(message: string): void {
  notifications.show({ message, autoClose: 4_000, withBorder: true })
}

/** As `showDone`, with a button for who meant something else. */
export function showChoice(message: string, label: string, choose: () => void): void {
  const id = notifications.show({
    message: createElement(ChoiceToast, {
      ...{ message, label },
      onChoose: () => {
        notifications.hide(id)
        choose()
      },
    }),
    autoClose: 10_000,
    withBorder: true,
  })
}

/** The result, or undefined after a toast. */
export async function act<N extends CallName<AppContract>>(
  name: N,
  input: InputOf<AppContract[N]>,
): Promise<OutputOf<AppContract[N]> | undefined> {
  try {
    return await link.call(name, input)
  } catch (error) {
    showError(toErrorData(error))
    return undefined
  }
}

/** As `act`, for what returns nothing: true when it worked. */
export async function succeeds<N extends CallName<AppContract>>(
  name: N,
  input: InputOf<AppContract[N]>,
): Promise<boolean> {
  try {
    await link.call(name, input)
    return true
  } catch (error) {
    showError(toErrorData(error))
    return false
  }
}

/** Everything known about an error, for whoever is asked to help. */
export function errorText({ code, message, hint, cause }: ErrorData): string {
  return [`${code}: ${message}`, hint, cause].filter((part) => part !== undefined).join('\n')
}

/** Puts `text` on the clipboard and says so. */
export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    showDone(`${what} copied.`)
  } catch (error) {
    showError({
      ...toErrorData(error),
      message: 'The clipboard cannot be used.',
      hint: 'Select and copy it by hand.',
    })
  }
}

/** Also while the host is away: then without what only it knows. */
export async function copyDiagnostics(problem?: string): Promise<void> {
  const { status } = useApp.getState()
  const report =
    status.state === 'open'
      ? await act('host.diagnostics', undefined)
      : `Monoscope was not connected.\n${'reason' in status ? errorText(status.reason) : ''}\n${navigator.userAgent}`
  if (report !== undefined) await copy(problem ? `${problem}\n\n${report}` : report, 'Diagnostics')
}
