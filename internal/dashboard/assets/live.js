const events = new EventSource("/events");
events.addEventListener("rates", (e) => { const r = JSON.parse(e.data); for (const dd of document.querySelectorAll("[data-rate]")) dd.textContent = r[dd.dataset.rate].toFixed(0); });
