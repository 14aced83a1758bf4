/** Flags under which a headless Chromium runs as root, without a GPU and without knocking at the network by itself. */
export const CHROMIUM_ARGS: string[]
/** The path of a Chromium that can be run, or undefined when there is none or SKIP_BROWSER=1. */
export function findChromium(): string | undefined
/** Whether this machine is one where we may install a Chromium: Linux, root, apt-get. */
export function canInstallChromium(): boolean
/** Installs Chromium with apt-get; true when one is there afterwards. */
export function installChromium(): boolean
