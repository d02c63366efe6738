// The head of the page stands in index.html: it is painted before the program takes the time that it takes.
requestAnimationFrame(() => setTimeout(() => void import('./app.tsx').catch(sayThatItIsMissing)));

function sayThatItIsMissing(): void {
  const words = document.createElement('p');
  words.setAttribute('role', 'alert');
  words.textContent = 'The page could not be fetched. Reload it to try again.';
  document.getElementById('page')?.append(words);
}
