import ts from 'typescript';

const RUNNERS: readonly string[] = ['describe', 'it', 'test'];
/** Ways to define a test that always runs; any other (`skip`, `todo`, `skipIf`, …) proves nothing. */
const ALWAYS_RUN: readonly string[] = ['concurrent', 'each', 'for', 'sequential'];

/**
 * Full names of the tests that a test file is sure to run: titles of its `describe` blocks and of the test, joined by
 * ` > ` and as they stand in the source, so with `%s` or `$name`. Left out are tests that may be skipped, that stand
 * in a loop or a function, or whose title is no literal.
 */
export function testTitles(source: string): readonly string[] {
  const file = ts.createSourceFile('test.ts', source, ts.ScriptTarget.Latest);
  return file.statements.flatMap((statement) => titlesOf(statement));
}

function titlesOf(statement: ts.Statement): readonly string[] {
  if (!ts.isExpressionStatement(statement) || !ts.isCallExpression(statement.expression)) return [];
  const { expression, arguments: given } = statement.expression;
  const runner = runnerOf(expression);
  const [title] = given;
  if (runner === undefined || title === undefined || !ts.isStringLiteralLike(title)) return [];
  if (runner !== 'describe') return [title.text];
  return given
    .flatMap(statementsOf)
    .flatMap(titlesOf)
    .map((inner) => `${title.text} > ${inner}`);
}

/** `it` of `it`, `it.concurrent` and `it.each([…])`; `undefined` where a test may not run, and for any other call. */
function runnerOf(callee: ts.Expression): string | undefined {
  if (ts.isIdentifier(callee)) return RUNNERS.find((name) => name === callee.text);
  if (ts.isCallExpression(callee)) return runnerOf(callee.expression);
  return ts.isPropertyAccessExpression(callee) && ALWAYS_RUN.includes(callee.name.text)
    ? runnerOf(callee.expression)
    : undefined;
}

function statementsOf(argument: ts.Expression): readonly ts.Statement[] {
  const isFunction = ts.isArrowFunction(argument) || ts.isFunctionExpression(argument);
  return isFunction && ts.isBlock(argument.body) ? argument.body.statements : [];
}
