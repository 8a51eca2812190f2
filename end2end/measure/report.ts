// Prints figures as a table, beside what they aim at.

export type Row = [what: string, figure: number | string, aim: string];

export function report(title: string, rows: Row[]): void {
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => `${row[column]}`.length)));
  console.log(`\n${title}`);
  for (const [what, figure, aim] of rows) {
    console.log(
      `  ${what.padEnd(widths[0]!)}  ${`${figure}`.padStart(widths[1]!)}${aim && `   (aim ${aim})`}`,
    );
  }
}
