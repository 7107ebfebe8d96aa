// Numbers as people read them: bytes, counts, rates, durations. One spelling for page, command line and reports.

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** 1_536_000 → "1.54 MB" (decimal units, three significant digits). */
export function formatBytes(bytes: number): string {
  return scaled(bytes, 1000, BYTE_UNITS)
}

/** 412_000 → "412 k"; exact below ten thousand, with thousands separators. */
export function formatCount(count: number): string {
  return Math.abs(count) < 10_000
    ? Math.round(count).toLocaleString('en-US')
    : scaled(count, 1000, ['', 'k', 'M', 'G', 'T'])
}

/** 1_235_814_400 → "1.24 B": weights of a model, in millions and billions as people count them. */
export function formatParameters(count: number): string {
  return scaled(count, 1000, ['', 'k', 'M', 'B', 'T'])
}

/** A quantity in its unit: bytes are scaled, everything else is counted ("1,906 documents"). */
export function formatQuantity(amount: number, unit: string): string {
  return unit === 'bytes' ? formatBytes(amount) : `${formatCount(amount)} ${unit}`
}

/** 3_725 s → "1 h 2 min"; 58.2 s → "58 s"; 0.4 s → "0.4 s". */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return joined(Math.floor(whole / 60), 'min', whole % 60, 's')
  const minutes = Math.round(seconds / 60)
  if (minutes < 24 * 60) return joined(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
  const hours = Math.round(seconds / 3600)
  return joined(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

/** 0.1234 → "12.3 %". */
export function formatPercent(fraction: number): string {
  return `${Number((fraction * 100).toFixed(1))} %`
}

/** Three significant digits: "0.0123", "4.56", "789", "82,600". */
export function formatNumber(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en-US', { maximumSignificantDigits: 3 })
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`
}

function scaled(value: number, base: number, units: readonly string[]): string {
  let amount = Math.abs(value)
  let step = 0
  while (Number(amount.toPrecision(3)) >= base && step < units.length - 1) {
    amount /= base
    step++
  }
  const digits = step === 0 ? String(Math.round(amount)) : String(Number(amount.toPrecision(3)))
  return `${value < 0 ? '−' : ''}${digits} ${units[step] ?? ''}`.trim()
}
