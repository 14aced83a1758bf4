import { useStatus } from 'tidemark/react'

/** A quiet line, only there when something is not as it should be. */
export function Strip() {
  const { connection, pending, reason, disk, health } = useStatus()
  const waiting = pending === 0 ? '' : pending === 1 ? ' One change waits on this device.' : ` ${pending} changes wait on this device.`
  const text =
    health === 'update-needed'
      ? 'A newer version of Harbour is out. Reload the page to go on.'
      : disk.startsWith('disk/')
        ? `This device cannot keep data (${disk}). Harbour works from memory.`
        : connection === 'offline'
          ? `Offline.${waiting || ' Go on working: changes are kept and sent later.'}`
          : connection === 'waiting'
            ? `The server cannot be reached${reason ? ` (${reason})` : ''}. It is tried again.${waiting}`
            : connection === 'held'
              ? `Sending is held${reason ? ` (${reason})` : ''}.${waiting}`
              : ''
  return (
    <p className="strip" role="status" data-shown={text !== ''}>
      {text}
    </p>
  )
}

/** What a device shows before its first rows are in. */
export function FirstRun() {
  const { progress, connection } = useStatus()
  if (connection === 'offline') return <p className="empty">This device has no data yet, and is offline. Bring it online once.</p>
  return (
    <div className="empty">
      <p>{progress ? `${progress.received.toLocaleString()} of ${progress.total.toLocaleString()}` : 'Opening …'}</p>
      <progress aria-label="First load" max={progress?.total ?? 1} {...(progress ? { value: progress.received } : {})} />
    </div>
  )
}
