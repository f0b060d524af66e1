// On every page.
