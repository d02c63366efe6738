import { render } from 'preact';
import { Page } from './page.tsx';

const page = document.getElementById('page')!;
page.replaceChildren();
render(<Page />, page);
