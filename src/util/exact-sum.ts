/*
 * The exact sum of numbers that come and go, rounded once when it is asked for. Each finite number is a whole multiple of 2^-1074, the least of
 * all, so the sum is one too:
 *
 *   sum = whole + units · 2^-1074        whole: safe integers among themselves    units: a big integer, once it is needed
 */

const unitBits = 1074n

/** A sum of finite numbers that is the same in whatever order they were added and removed. */
export class ExactSum {
  #whole = 0
  #units = 0n

  add(value: number): void {
    const whole = this.#whole + value
    if (Number.isSafeInteger(value) && Number.isSafeInteger(whole)) this.#whole = whole
    else this.#units += numberToUnits(value)
  }

  /** Takes out a number that was added. */
  remove(value: number): void {
    this.add(-value)
  }

  /** The number next to the sum, the even one of two; beyond the range of numbers the greatest or the least, as JSON has no infinity. */
  sum(): number {
    return this.#units === 0n ? this.#whole + 0 : divideUnits(this.#total(), 1n)
  }

  /** The number next to the sum divided by `count`, which is from 1: rounded once. */
  mean(count: number): number {
    return divideUnits(this.#total(), BigInt(count))
  }

  #total(): bigint {
    return this.#units + (BigInt(this.#whole) << unitBits)
  }
}

const float = new Float64Array(1)
const bits = new BigUint64Array(float.buffer)
const implicitBit = 1n << 52n
const signBit = 1n << 63n
const infinityBits = 0x7ffn << 52n

// sign, 11 bits of exponent, 52 bits of mantissa: below exponent 1 the leading one is not implied
function numberToUnits(value: number): bigint {
  float[0] = value
  const held = bits[0] as bigint
  const exponent = (held & ~signBit) >> 52n
  const mantissa = held & (implicitBit - 1n)
  const units = exponent === 0n ? mantissa : (mantissa | implicitBit) << (exponent - 1n)
  return held & signBit ? -units : units
}

function divideUnits(units: bigint, count: bigint): number {
  const size = units < 0n ? -units : units
  // 53 bits are kept of the quotient; the difference of the lengths tells its length but for one
  let shift = Math.max(0, lengthOf(size) - lengthOf(count) - 53)
  if (size / (count << BigInt(shift)) >= implicitBit << 1n) shift++
  const divisor = count << BigInt(shift)
  const quotient = size / divisor
  const twice = (size % divisor) << 1n
  const rounded = twice > divisor || (twice === divisor && quotient & 1n) ? quotient + 1n : quotient
  // the leading one of the quotient adds itself to the exponent
  const held = (BigInt(shift) << 52n) + rounded
  bits[0] = held < infinityBits ? held : infinityBits - 1n
  const result = float[0] as number
  return units < 0n ? -result : result
}

function lengthOf(value: bigint): number {
  const hex = value.toString(16)
  return (hex.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(hex[0] as string, 16)))
}
