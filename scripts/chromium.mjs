// Finds a Chromium to test with, and on a Debian machine of our own installs one.
// Knows nothing of vitest: vite.config.ts asks findChromium() and leaves the browser tests out when the answer is undefined.
import { join } from 'node:path'
import { apt, canUseApt } from './apt.mjs'
import { isRunnable, onPath } from './programs.mjs'

const COMMANDS = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'msedge',
  'microsoft-edge',
  'brave-browser',
]

/** Flags under which a headless Chromium runs as root, without a GPU and without knocking at the network by itself. */
export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** The path of a Chromium that can be run, or undefined when there is none or SKIP_BROWSER=1. */
export function findChromium() {
  if (process.env.SKIP_BROWSER === '1') return undefined
  const named = process.env.CHROMIUM_PATH
  if (named) return isRunnable(named) ? named : undefined
  return candidates().find(isRunnable)
}

/** Whether this machine is one where we may install a Chromium: Linux, root, apt-get. */
export function canInstallChromium() {
  return canUseApt()
}

/** Installs Chromium with apt-get; true when one is there afterwards. */
export function installChromium() {
  console.log('[setup] installing Chromium with apt-get …')
  apt(['update'])
  apt(['install', '-y', '--no-install-recommends', 'chromium'])
  return findChromium() !== undefined
}

function candidates() {
  if (process.platform === 'darwin') {
    const apps = ['Chromium', 'Google Chrome', 'Microsoft Edge', 'Brave Browser']
    const roots = ['/Applications', join(process.env.HOME ?? '', 'Applications')]
    return [...onPath(COMMANDS), ...roots.flatMap((root) => apps.map((app) => join(root, `${app}.app`, 'Contents', 'MacOS', app)))]
  }
  if (process.platform === 'win32') {
    const roots = [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA].filter(Boolean)
    const places = [
      'Google\\Chrome\\Application\\chrome.exe',
      'Chromium\\Application\\chrome.exe',
      'Microsoft\\Edge\\Application\\msedge.exe',
    ]
    return roots.flatMap((root) => places.map((place) => join(root, place)))
  }
  return onPath(COMMANDS)
}
