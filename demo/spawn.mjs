// Starts the demo as `npm start` does, in a process of its own, on a free port: for the screenshots and for the tests.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const startFile = fileURLToPath(new URL('start.mjs', import.meta.url))

/** Starts the demo over a folder and waits until it is ready. Raises what it printed where it ends before. */
export async function spawnDemo(folder, env = {}) {
  const { NODE_ENV: _, ...inherited } = process.env
  const child = spawn(process.execPath, [startFile], {
    env: { ...inherited, PORT: '0', WATCH: '0', DATABASE_URL: '', ...env, DATA_DIR: folder },
  })
  let output = ''
  const ended = new Promise((resolve) => child.once('exit', (code) => resolve(code)))
  const url = await new Promise((resolve, reject) => {
    const listen = (chunk) => {
      output += chunk
      const ready = /ready after .* at (\S+)/.exec(output)
      if (ready) resolve(ready[1])
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', listen)
    void ended.then((code) => reject(Object.assign(new Error(output), { code })))
  })
  return {
    url,
    output: () => output,
    /** Stops it as Ctrl+C does; resolves with its exit code. */
    stop() {
      child.kill('SIGTERM')
      return ended
    },
  }
}
