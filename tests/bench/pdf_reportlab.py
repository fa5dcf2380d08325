"""The benchmark's rows by ReportLab's canvas: pdf_reportlab.py ROWS FONT RUNS

ROWS is what pdf_bench --rows wrote: a row a line, cells between tabs. The same font, one drawString
a cell, a rule a row, a head and a foot a page, as many rows a page as Walkie sets; nothing is
measured, wrapped, linked or tagged. Prints one JSON object: the median of RUNS.
"""

import io
import json
import resource
import sys
import time

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

ROWS_A_PAGE = 38
COLUMNS = (51, 120, 230, 310, 390, 500)
HEADS = ("Study", "Site", "Period covered", "Source", "Contents", "Date")


def draw(rows):
    """One document. Returns its bytes and pages."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(595.276, 841.89))
    n_pages = (len(rows) + ROWS_A_PAGE - 1) // ROWS_A_PAGE
    for page in range(n_pages):
        canvas.setFont("Sans", 8)
        y = 780
        for x, head in zip(COLUMNS, HEADS):
            canvas.drawString(x, y, head)
        for row in rows[page * ROWS_A_PAGE : (page + 1) * ROWS_A_PAGE]:
            y -= 18
            for x, cell in zip(COLUMNS, row):
                canvas.drawString(x, y, cell)
            canvas.line(51, y - 5, 544, y - 5)
        canvas.drawRightString(544, 30, f"Page {page + 1} of {n_pages}")
        canvas.showPage()
    canvas.save()
    return file.getvalue(), n_pages


def main():
    """Draw RUNS times and print the figures."""
    with open(sys.argv[1], encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    pdfmetrics.registerFont(TTFont("Sans", sys.argv[2], subfontIndex=0))
    n_runs = int(sys.argv[3])
    times = []
    for _ in range(n_runs):
        start = time.perf_counter()
        data, n_pages = draw(rows)
        times.append((time.perf_counter() - start) * 1000)
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"bench": "pdf", "variant": "reportlab", "language": "zh-CN",
        "pages": n_pages, "rows": len(rows), "wall_ms": round(sorted(times)[n_runs // 2], 1),
        "file_kb": len(data) // 1024, "peak_kb": peak_kb, "runs": n_runs},
        separators=(",", ":")))


main()
