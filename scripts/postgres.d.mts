/** Whether there is a PostgreSQL to test with: one that TEST_POSTGRES_URL names, or programs to start one. */
export function hasPostgres(): boolean
/** The folder with `initdb` and `postgres`, of the newest version where there are several; undefined where there is none. */
export function findPostgresPrograms(): string | undefined
/** Whether this machine is one where we may install a PostgreSQL: Linux, root, apt-get. */
export function canInstallPostgres(): boolean
/** Installs Debian's PostgreSQL with apt-get, without the server that its package would set up and start; true when its programs are there afterwards. */
export function installPostgres(): boolean
