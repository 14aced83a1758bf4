/** A place, as the demo has it. */
export interface Place {
  readonly id: string
  readonly name: string
  readonly country: string
  readonly admin1: string
  readonly lat: number
  readonly lng: number
}

/** The first places of a country whose names start with a text, by name, ties by id. */
export interface PlaceQuestion {
  readonly country: string
  readonly prefix: string
  readonly limit: number
}

/** The question whose first right answer is waited for. */
export const mainQuestion: PlaceQuestion = { country: 'IT', prefix: 'San', limit: 50 }
const questions: readonly PlaceQuestion[] = [
  mainQuestion,
  { country: 'FR', prefix: 'Saint', limit: 200 },
  { country: 'AD', prefix: '', limit: 10 },
  { country: 'ZW', prefix: '', limit: 1000 },
]

/** What is true of the places: how many there are, and the answers to some questions. */
export interface PlacesTruth {
  readonly count: number
  readonly answers: readonly (readonly [PlaceQuestion, readonly Place[]])[]
}

/** The truth, by a plain loop for each question. */
export function findTruth(places: readonly Place[]): PlacesTruth {
  return { count: places.length, answers: questions.map((question) => [question, answer(places, question)]) }
}

/** The answer to a question, by a plain loop. */
export function answer(places: Iterable<Place>, { country, prefix, limit }: PlaceQuestion): readonly Place[] {
  const found: Place[] = []
  for (const place of places) if (place.country === country && place.name.startsWith(prefix)) found.push(place)
  return found.sort((a, b) => compare(a.name, b.name) || compare(a.id, b.id)).slice(0, limit)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
