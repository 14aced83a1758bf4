// A vitest reporter: the last line of a run is `N passed, N failed`, nothing else on it.
// Honest by design: a file that cannot be loaded and an error outside any test count as failed; skipped tests are named, not hidden.

/** Prints the counts of tests when a run ends. */
export default class CountReporter {
  onTestRunEnd(modules, unhandledErrors, reason) {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 }
    for (const module of modules) {
      count.failed += module.errors().length
      for (const suite of module.children.allSuites()) count.failed += suite.errors().length
      for (const test of module.children.allTests()) count[test.result().state] += 1
    }
    if (reason === 'interrupted') console.log('The run was interrupted; what follows counts only what ran.')
    const leftOut = count.skipped + count.pending
    if (leftOut > 0) console.log(`${leftOut} left out (skipped, todo or never run)`)
    // The default reporter prints its summary in the same hook and before us, as it stands before us in the list.
    console.log(`${count.passed} passed, ${count.failed} failed`)
  }
}
