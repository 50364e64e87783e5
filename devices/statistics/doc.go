// Package statistics says how quick and how busy devices were: how long orders took
// until their effect was seen, how late events came, how many passages an hour had,
// and how much of the time each device was online.
//
// It follows what is committed and is in nobody's way: Run reads what is new among
// events and ended orders, adds it to one row per device and day of its site, and
// stores the sum together with how far it has read. A kill in between counts nothing
// twice and leaves nothing out. A question first counts what is there.
//
// A passage counts in the hour in which it was, by the device's clock corrected by its
// drift, also if it arrived later; in that of its arrival if the drift is not known. All
// other events count on the day of their arrival, orders on that of their issue.
//
// Times are kept as histograms (Histogram) and not one by one. They can be added: a
// site, a week and a month come from the same rows, so the answer for 1,000 devices
// and 30 days reads 30,000 rows and not millions: half a second on one processor, day by
// day with the causes of 120,000 connections (db, BenchmarkSeriesOfAMonthOfALargeSite).
// What it costs is at most 2 % of a quantile; the longest time is exact.
//
// The same is answered by device (Report) and by day (Series): both are of the same
// devices, and the days of the one are together the sum of the other.
package statistics
