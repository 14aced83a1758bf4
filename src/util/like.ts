/*
 * SQL's LIKE: `%` is any text, `_` one character (a code point), `\` makes the next character stand for itself.
 * Without regular expressions, so that no pattern takes longer than its length times the text's.
 */

/** Whether a text is a pattern: it does not end in a backslash that nothing follows. */
export function isPattern(text: string): boolean {
  const backslashes = /\\*$/.exec(text)?.[0].length ?? 0
  return backslashes % 2 === 0
}

/** Whether a text meets the pattern, compiled once and run often. */
export function compileLike(pattern: string): (text: string) => boolean {
  const tokens = parse(pattern)
  return tokens.includes(one) ? (text) => isMatch(tokens, Array.from(text)) : matchPieces(splitAtAny(tokens))
}

/** The same, whatever the case: both sides in lower case, as `toLowerCase` has it. */
export function compileLikeIgnoringCase(pattern: string): (text: string) => boolean {
  const isLike = compileLike(pattern.toLowerCase())
  return (text) => isLike(text.toLowerCase())
}

const one = Symbol('one character')
const any = Symbol('any text')
type Token = string | typeof one | typeof any

function parse(pattern: string): readonly Token[] {
  const tokens: Token[] = []
  const characters = Array.from(pattern)
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] as string
    if (character === '%') tokens.push(any)
    else if (character === '_') tokens.push(one)
    else if (character === '\\') tokens.push(characters[++i] ?? character)
    else tokens.push(character)
  }
  return tokens
}

function splitAtAny(tokens: readonly Token[]): readonly string[] {
  const pieces = ['']
  for (const token of tokens) {
    if (token === any) pieces.push('')
    else pieces[pieces.length - 1] += token as string
  }
  return pieces
}

// the first piece stands at the start, the last at the end, each between as far left as it can
function matchPieces(pieces: readonly string[]): (text: string) => boolean {
  const first = pieces[0] as string
  if (pieces.length === 1) return (text) => text === first
  const last = pieces.at(-1) as string
  const between = pieces.slice(1, -1).filter((piece) => piece !== '')
  return (text) => {
    const end = text.length - last.length
    if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return false
    let from = first.length
    for (const piece of between) {
      const at = text.indexOf(piece, from)
      if (at < 0) return false
      from = at + piece.length
    }
    return from <= end
  }
}

// Where a token does not fit, the last `%` takes one character more: those before it never need to.
function isMatch(tokens: readonly Token[], text: readonly string[]): boolean {
  let token = 0
  let at = 0
  let anyToken = -1
  let anyAt = 0
  while (at < text.length) {
    if (tokens[token] === any) {
      anyToken = token++
      anyAt = at
    } else if (token < tokens.length && (tokens[token] === one || tokens[token] === text[at])) {
      token++
      at++
    } else if (anyToken >= 0) {
      token = anyToken + 1
      at = ++anyAt
    } else {
      return false
    }
  }
  while (tokens[token] === any) token++
  return token === tokens.length
}
