/** IndexedDB with one record per row; all that is written in one turn goes into one transaction. */
export async function openDisk<Row extends { readonly id: string }>(name: string) {
  const opening = indexedDB.open(`floor ${name}`, 1)
  opening.onupgradeneeded = () => opening.result.createObjectStore('rows', { keyPath: 'id' })
  const database = await resultOf(opening)
  let burst: { readonly rowsById: Map<string, Row>; readonly written: Promise<void> } | undefined
  const write = (rows: Iterable<Row>): Promise<void> =>
    new Promise((resolve, reject) => {
      const transaction = database.transaction('rows', 'readwrite', { durability: 'relaxed' })
      const store = transaction.objectStore('rows')
      for (const row of rows) store.put(row)
      transaction.oncomplete = () => resolve()
      transaction.onabort = () => reject(transaction.error ?? new Error('the transaction was aborted'))
    })
  const makeBurst = () => {
    const rowsById = new Map<string, Row>()
    const written = Promise.resolve().then(() => {
      burst = undefined
      return write(rowsById.values())
    })
    return { rowsById, written }
  }
  return {
    write,
    writeSoon(row: Row) {
      burst ??= makeBurst()
      burst.rowsById.set(row.id, row)
      return burst.written
    },
    readAll: () => resultOf<Row[]>(database.transaction('rows').objectStore('rows').getAll()),
    close: () => database.close(),
  }
}

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('the request failed'))
  })
}
