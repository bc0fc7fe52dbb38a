/** C0, delete and C1: a terminal obeys some of them, and they can make one line look like another. */
const CONTROLS = /\p{Cc}/gu;

/** A text with its control characters spelled out, but for line ends and tabs. JSON means the same afterwards. */
export function visibleText(text: string): string {
  return text.replace(CONTROLS, (control) =>
    control === '\n' || control === '\t' ? control : spelledOut(control),
  );
}

/** A text that is part of one line, with all its control characters spelled out. */
export function visibleLine(text: string): string {
  return text.replace(CONTROLS, spelledOut);
}

function spelledOut(control: string): string {
  return `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
