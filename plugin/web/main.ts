// The head of the page stands in index.html: it is painted before the program takes the time that it takes.
requestAnimationFrame(() => setTimeout(() => void import('./app.tsx')));
