// the shortest and the longest wait that a server can ask for: 1 s and 15 min
const retryAfterLimits = { minMs: 1_000, maxMs: 900_000 } as const

/**
 * How long the other side asks to wait, in milliseconds, within the limits: `asked` is a number of milliseconds (a body's) or a Retry-After header
 * (RFC 9110: whole seconds, or a date). Undefined where nothing readable is asked. A date counts from the answer's own `date`: our clock may be wrong.
 */
export function readRetryAfter(
  asked: number | string | null,
  answer: { readonly now: number; readonly date: string | null },
): number | undefined {
  const ms = typeof asked === 'number' ? asked : readHeader(asked?.trim() ?? '', answer)
  return ms === undefined || Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, retryAfterLimits.minMs), retryAfterLimits.maxMs)
}

function readHeader(text: string, answer: { readonly now: number; readonly date: string | null }): number | undefined {
  if (/^[+-]?\d+(\.\d+)?$/.test(text)) return Number(text) * 1000
  const until = parseHttpDate(text)
  return until === undefined ? undefined : until - (parseHttpDate(answer.date ?? '') ?? answer.now)
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

// by hand, because Date is the world's; "Sun, 06 Nov 1994 08:49:37 GMT", the one form that a sender may write
function parseHttpDate(text: string): number | undefined {
  const [, day, month = '', year, hours, minutes, seconds] = /^\w{3}, (\d{2}) (\w{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/.exec(text) ?? []
  const index = months.indexOf(month)
  if (index < 0) return undefined
  return ((daysUntil(Number(year), index, Number(day)) * 24 + Number(hours)) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1000
}

// days from 1970-01-01; years are counted from March, so that the leap day is a year's last
function daysUntil(year: number, month: number, day: number): number {
  const marchYear = month < 2 ? year - 1 : year
  const leaps = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400)
  return marchYear * 365 + leaps + Math.floor((((month + 10) % 12) * 306 + 5) / 10) + day - 719_469
}
