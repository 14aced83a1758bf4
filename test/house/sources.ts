// Reads sources as data: what each file imports, re-exports and says itself. Knows no rule of the house.
import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** The folder of the project, with a slash at its end. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** One mention of another module. */
export interface Reference {
  /** A path from the root for a relative one (`src/live/take.ts`), the specifier itself for a package. */
  readonly target: string
  readonly isPackage: boolean
  readonly kind: 'import' | 'export' | 'dynamic'
  readonly isTypeOnly: boolean
  /** `export * from`, with or without a name. */
  readonly isStar: boolean
}

/** One source file. */
export interface Source {
  readonly path: string
  readonly references: readonly Reference[]
  /** Statements that are neither an import nor a re-export nor a directive, by their first line. */
  readonly ownStatements: readonly string[]
}

/** Every TypeScript source under the folders, declarations left out. */
export function readSources(...folders: readonly string[]): Source[] {
  return folders.flatMap((folder) =>
    readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
      .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.d.ts') && !path.includes('/node_modules/'))
      .sort()
      .map((path) => parseSource(path, readFileSync(root + path, 'utf8'))),
  )
}

/** A source from its text; tests plant bad ones with it. */
export function parseSource(path: string, text: string): Source {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS)
  const references: Reference[] = []
  const add = (specifier: string, rest: Omit<Reference, 'target' | 'isPackage'>) => {
    const isPackage = !specifier.startsWith('.')
    references.push({ target: isPackage ? specifier : posix.join(posix.dirname(path), specifier), isPackage, ...rest })
  }
  const visit = (node: ts.Node): void => {
    const found = referenceOf(node)
    if (found) add(found.specifier, found.rest)
    ts.forEachChild(node, visit)
  }
  visit(file)
  const own = file.statements.filter((statement) => !isDoorStatement(statement))
  return { path, references, ownStatements: own.map((statement) => statement.getText(file).split('\n')[0] ?? '') }
}

/** The part of a path that has a floor: `live` of `src/live/take.ts`, `errors` of `src/errors.ts`. */
export function roomOf(path: string): string {
  return (path.split('/')[1] ?? '').replace(/\.tsx?$/, '')
}

function referenceOf(node: ts.Node): { specifier: string; rest: Omit<Reference, 'target' | 'isPackage'> } | undefined {
  if (ts.isImportDeclaration(node)) {
    const isTypeOnly = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword || isEachNamedAType(node.importClause?.namedBindings)
    return { specifier: textOf(node.moduleSpecifier), rest: { kind: 'import', isTypeOnly, isStar: false } }
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
    const isStar = node.exportClause === undefined || ts.isNamespaceExport(node.exportClause)
    return { specifier: textOf(node.moduleSpecifier), rest: { kind: 'export', isTypeOnly: node.isTypeOnly, isStar } }
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword && node.arguments[0]) {
    return { specifier: textOf(node.arguments[0]), rest: { kind: 'dynamic', isTypeOnly: false, isStar: false } }
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return { specifier: textOf(node.argument.literal), rest: { kind: 'import', isTypeOnly: true, isStar: false } }
  }
  return undefined
}

function isEachNamedAType(bindings: ts.NamedImportBindings | undefined): boolean {
  return (
    bindings !== undefined &&
    ts.isNamedImports(bindings) &&
    bindings.elements.length > 0 &&
    bindings.elements.every((item) => item.isTypeOnly)
  )
}

function textOf(node: ts.Node): string {
  return ts.isStringLiteralLike(node) ? node.text : `not a literal: ${node.getText()}`
}

function isDoorStatement(statement: ts.Statement): boolean {
  if (ts.isExportDeclaration(statement)) return statement.moduleSpecifier !== undefined
  return ts.isExpressionStatement(statement) && ts.isStringLiteral(statement.expression)
}
