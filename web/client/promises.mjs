// Finds promises that nobody waits for. One that fails unheard is an error on the page and a thing left undone: what is
// not awaited, returned or caught is given to `behind` (src/behind.ts), which says its failure.
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const here = dirname(fileURLToPath(import.meta.url));
const TAKERS = new Set(["behind"]); // functions that hear of a failure

/** The expressions in *files* (absolute paths) whose promise is left alone. */
export function floating(files, options) {
  const program = ts.createProgram(files, options);
  const checker = program.getTypeChecker();
  const found = [];
  const isPromise = (node) => {
    const type = checker.getTypeAtLocation(node);
    return (type.isUnion() ? type.types : [type]).some((one) => one.getProperty("then") !== undefined);
  };
  const report = (node) => found.push(node);
  const visit = (node) => {
    if (ts.isExpressionStatement(node) || ts.isVoidExpression(node)) {
      leaves(node.expression).filter((one) => isPromise(one) && !isHeard(one)).forEach(report);
    } else if (ts.isArrowFunction(node) && !ts.isBlock(node.body) && returnsNothing(checker, node) && isPromise(node.body) && !isHeard(node.body)) {
      report(node.body);
    } else if (ts.isArrowFunction(node) && node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) && returnsNothing(checker, node)) {
      report(node);
    }
    ts.forEachChild(node, visit);
  };
  program.getSourceFiles().filter(({ fileName }) => files.includes(fileName)).forEach(visit);
  return [...new Set(found)];
}

/** What an expression may come to: `a && b`, `a || b`, `c ? a : b` and `(a)` come to their parts; an assignment keeps it. */
function leaves(node) {
  if (ts.isParenthesizedExpression(node) || ts.isVoidExpression(node)) {
    return leaves(node.expression);
  }
  if (ts.isConditionalExpression(node)) {
    return [...leaves(node.whenTrue), ...leaves(node.whenFalse)];
  }
  if (ts.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    const joins = [ts.SyntaxKind.AmpersandAmpersandToken, ts.SyntaxKind.BarBarToken, ts.SyntaxKind.QuestionQuestionToken];
    return joins.includes(kind) ? [node.left, node.right].flatMap(leaves) : [];
  }
  return ts.isAwaitExpression(node) ? [] : [node];
}

/** `x.catch(f)`, `x.then(f, g)`, or what a taker is called with. */
function isHeard(node) {
  if (!ts.isCallExpression(node)) {
    return false;
  }
  const { expression: called, arguments: given } = node;
  return ts.isIdentifier(called) ? TAKERS.has(called.text)
    : ts.isPropertyAccessExpression(called) && (called.name.text === "catch" || (called.name.text === "then" && given.length > 1));
}

/** Whether whoever calls this function expects nothing of it: then nobody waits for what it returns. */
function returnsNothing(checker, node) {
  const wanted = checker.getContextualType(node)?.getCallSignatures().map((one) => checker.getReturnTypeOfSignature(one)) ?? [];
  return wanted.length > 0 && wanted.every(({ flags }) => flags & ts.TypeFlags.Void);
}

/** Those of the client. */
export function left() {
  const { config } = ts.parseConfigFileTextToJson("tsconfig.json", readFileSync(join(here, "tsconfig.json"), "utf8"));
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, here);
  return floating(fileNames.filter((name) => name.startsWith(join(here, "src"))), options);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const node of left()) {
    const file = node.getSourceFile();
    const { line } = file.getLineAndCharacterOfPosition(node.getStart());
    console.error(`${relative(here, file.fileName)}:${line + 1}: nobody waits for ${node.getText().split("\n")[0].slice(0, 90)}`);
    process.exitCode = 1;
  }
}
