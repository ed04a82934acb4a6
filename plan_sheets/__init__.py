"""Plan sheets: the workbook in which a ward plans its classes, read into series and written out again.

Owns sheet_series (what a sheet said of the series made from it). Uses scheduling, staffing, trainers, venues.
"""
