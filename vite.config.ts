import react from '@vitejs/plugin-react'
import { playwright } from '@vitest/browser-playwright'
import { fileURLToPath } from 'node:url'
import { defineConfig, type ViteUserConfig } from 'vitest/config'
import manifest from './package.json' with { type: 'json' }
import { CHROMIUM_ARGS, findChromium } from './scripts/chromium.mjs'
import { hasPostgres } from './scripts/postgres.mjs'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

// The doors of the package by the name a user imports, from package.json: what is ./dist/x.js there is x.ts here.
const doors = Object.entries(manifest.exports).flatMap(([door, target]) =>
  typeof target === 'string' ? [] : [{ name: `tidemark${door.slice(1)}`, path: target.default.replace(/^\.\/dist\/(.*)\.js$/, '$1') }],
)
const alias = doors.map(({ name, path }) => ({ find: new RegExp(`^${name}$`), replacement: at(`${path}.ts`) }))
const entry = Object.fromEntries(doors.map(({ path }) => [path, at(`${path}.ts`)]))

// What the tests' file names say about where they run.
const suffixed = ['test/**/*.{dom,browser}.test.{ts,tsx}', 'test/**/*.{pg,e2e}.test.ts']
const chromium = findChromium()
const isMain = process.env.VITEST !== undefined && process.env.VITEST_WORKER_ID === undefined
if (!chromium && isMain)
  console.warn('[tests left out: no Chromium found, so no *.browser.test.* and no *.e2e.test.ts; see docs/contributing.md]')

const onPostgres = 'test/**/*postgres.pg.test.ts'
const isWithPostgres = hasPostgres()
if (!isWithPostgres && isMain) console.warn(`[tests left out: no PostgreSQL found, so no ${onPostgres}; see docs/contributing.md]`)

const config: ViteUserConfig = defineConfig({
  resolve: { alias },
  build: {
    target: 'es2022',
    sourcemap: true,
    minify: false,
    emptyOutDir: true,
    reportCompressedSize: false,
    lib: { formats: ['es'], entry },
    rolldownOptions: {
      external: [/^node:/, /^(@preact\/signals-core|dexie|valibot|react|react-dom|@electric-sql\/pglite|pg)(\/|$)/],
      output: { preserveModules: true, preserveModulesRoot: at('.'), entryFileNames: '[name].js' },
    },
  },
  test: {
    // Two workers: the machine that the tests are timed on has two cores, and Chromium wants one of them.
    maxWorkers: 2,
    reporters: ['default', at('scripts/count-reporter.mjs')],
    // `globals` where React renders: @testing-library/react cleans up after each test by the global afterEach.
    projects: [
      {
        extends: true,
        test: { name: 'node', environment: 'node', include: ['test/**/*.test.ts'], exclude: suffixed, testTimeout: 30_000 },
      },
      {
        extends: true,
        plugins: [react()],
        test: { name: 'dom', environment: 'jsdom', include: ['test/**/*.dom.test.{ts,tsx}'], globals: true },
      },
      {
        extends: true,
        test: {
          name: 'pg',
          environment: 'node',
          include: ['test/**/*.pg.test.ts'],
          exclude: isWithPostgres ? [] : [onPostgres],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      ...(chromium ? inChromium(chromium) : []),
    ],
  },
})
export default config

function inChromium(executablePath: string) {
  return [
    {
      extends: true as const,
      plugins: [react()],
      optimizeDeps: {
        include: ['react', 'react-dom', 'react-dom/client', 'react/jsx-dev-runtime', 'dexie', '@preact/signals-core', 'valibot'],
      },
      test: {
        name: 'browser',
        globals: true,
        include: ['test/**/*.browser.test.{ts,tsx}'],
        testTimeout: 60_000,
        browser: {
          enabled: true,
          headless: true,
          screenshotFailures: false,
          provider: playwright({ launchOptions: { executablePath, args: CHROMIUM_ARGS } }),
          instances: [{ browser: 'chromium' as const }],
        },
      },
    },
    {
      extends: true as const,
      test: {
        name: 'e2e',
        environment: 'node' as const,
        include: ['test/**/*.e2e.test.ts'],
        testTimeout: 120_000,
        hookTimeout: 120_000,
        fileParallelism: false,
      },
    },
  ]
}
