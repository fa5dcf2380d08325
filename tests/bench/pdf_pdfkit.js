// The benchmark's rows by pdfkit: node pdf_pdfkit.js ROWS FONT RUNS. The same as
// pdf_reportlab.py, with which it shares what is and is not drawn.
'use strict';

const fs = require('fs');
const PDFDocument = require('pdfkit');

const ROWS_A_PAGE = 38;
const COLUMNS = [51, 120, 230, 310, 390, 500];
const HEADS = ['Study', 'Site', 'Period covered', 'Source', 'Contents', 'Date'];

// One document. Resolves to its length and pages.
function draw(rows, font) {
  return new Promise((resolve, reject) => {
    const document = new PDFDocument({ size: 'A4', margin: 0, autoFirstPage: false });
    const nPages = Math.ceil(rows.length / ROWS_A_PAGE);
    let len = 0;
    document.on('data', (piece) => {
      len += piece.length;
    });
    document.on('error', reject);
    document.on('end', () => resolve({ len, nPages }));
    document.registerFont('Sans', font, 'WenQuanYiMicroHei');
    for (let page = 0; page < nPages; page++) {
      document.addPage();
      document.font('Sans').fontSize(8);
      let y = 50;
      HEADS.forEach((head, i) => document.text(head, COLUMNS[i], y, { lineBreak: false }));
      for (const row of rows.slice(page * ROWS_A_PAGE, (page + 1) * ROWS_A_PAGE)) {
        y += 18;
        row.forEach((cell, i) => document.text(cell, COLUMNS[i], y, { lineBreak: false }));
        document.moveTo(51, y + 12).lineTo(544, y + 12).stroke();
      }
      document.text(`Page ${page + 1} of ${nPages}`, 480, 804, { lineBreak: false });
    }
    document.end();
  });
}

async function main() {
  const [rowsPath, font, runs] = process.argv.slice(2);
  const lines = fs.readFileSync(rowsPath, 'utf8').trimEnd().split('\n');
  const rows = lines.map((line) => line.split('\t'));
  const times = [];
  let last;
  for (let i = 0; i < Number(runs); i++) {
    const start = process.hrtime.bigint();
    last = await draw(rows, font);
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  times.sort((a, b) => a - b);
  console.log(JSON.stringify({ bench: 'pdf', variant: 'pdfkit', language: 'zh-CN',
    pages: last.nPages, rows: rows.length,
    wall_ms: Math.round(times[Math.floor(times.length / 2)] * 10) / 10,
    file_kb: Math.floor(last.len / 1024), peak_kb: process.resourceUsage().maxRSS,
    runs: Number(runs) }));
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
