/** A demo at work. */
export interface RunningDemo {
  readonly url: string
  output(): string
  stop(): Promise<number | null>
}
export declare function spawnDemo(folder: string, env?: Readonly<Record<string, string>>): Promise<RunningDemo>
