(function () {
  var root = document.documentElement;
  root.classList.add('js');
  function show(lang) {
    root.setAttribute('data-lang', lang);
    root.lang = lang === 'zh' ? 'zh-CN' : 'en';
    document.querySelectorAll('[data-set]').forEach(function (b) { b.setAttribute('aria-pressed', String(b.getAttribute('data-set') === lang)); });
  }
  document.querySelectorAll('[data-set]').forEach(function (b) { b.addEventListener('click', function () { show(b.getAttribute('data-set')); }); });
  document.getElementById('print').addEventListener('click', function () { window.print(); });
  show(location.hash === '#en' ? 'en' : location.hash === '#zh' ? 'zh' : root.getAttribute('data-lang'));
})();
