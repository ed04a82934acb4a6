// <html class="js">: styles show what only works with a script.
document.documentElement.classList.add("js");
