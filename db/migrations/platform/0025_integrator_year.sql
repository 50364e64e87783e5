-- No integrator lives for ever: those that were made before there were ends have a year from now.
UPDATE credentials SET ends = (unixepoch() + 365 * 86400) * 1000000 WHERE holder = 'integrator' AND ends IS NULL;
