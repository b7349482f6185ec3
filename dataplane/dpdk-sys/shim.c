#define _GNU_SOURCE
#include "shim.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>

_Static_assert(sizeof(struct weir_frame) == 32 || sizeof(void *) != 8, "the frame's flat view has padding");

uint16_t weir_receive(uint16_t port, uint16_t queue, struct rte_mbuf **bufs, struct weir_frame *frames, uint16_t n,
		      int stamp_at, uint64_t stamp_flag)
{
	uint16_t got = rte_eth_rx_burst(port, queue, bufs, n);
	/* Two steps: the heads of all buffers first, then what they say; the frames' first bytes come along. */
	for (uint16_t i = 0; i < got; i++)
		rte_prefetch0(bufs[i]);
	for (uint16_t i = 0; i < got; i++) {
		const struct rte_mbuf *m = bufs[i];
		struct weir_frame *f = &frames[i];
		f->data = rte_pktmbuf_mtod(m, const uint8_t *);
		rte_prefetch0(f->data);
		f->len = m->pkt_len;
		f->first = m->data_len;
		f->segments = m->nb_segs;
		f->vlan = m->vlan_tci;
		f->stamp = 0;
		f->flags = 0;
		if (m->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED)
			f->flags |= WEIR_VLAN;
		uint64_t ip = m->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK, l4 = m->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK;
		if (ip == RTE_MBUF_F_RX_IP_CKSUM_BAD || l4 == RTE_MBUF_F_RX_L4_CKSUM_BAD)
			f->flags |= WEIR_BADSUM;
		if (stamp_at >= 0 && (m->ol_flags & stamp_flag)) {
			f->stamp = *RTE_MBUF_DYNFIELD(m, stamp_at, const rte_mbuf_timestamp_t *);
			f->flags |= WEIR_STAMPED;
		}
	}
	return got;
}

int weir_waiting(uint16_t port, uint16_t queue)
{
	return rte_eth_rx_queue_count(port, queue);
}

void weir_release(struct rte_mbuf **bufs, uint32_t n)
{
	rte_pktmbuf_free_bulk(bufs, n);
}

uint32_t weir_flatten(const struct rte_mbuf *buf, uint8_t *to, uint32_t room)
{
	uint32_t done = 0;
	for (const struct rte_mbuf *m = buf; m != NULL && done < room; m = m->next) {
		uint32_t len = RTE_MIN((uint32_t)m->data_len, room - done);
		memcpy(to + done, rte_pktmbuf_mtod(m, const uint8_t *), len);
		done += len;
	}
	return done;
}

int weir_errno(void) { return rte_errno; }
uint64_t weir_tsc(void) { return rte_rdtsc(); }

int weir_link(uint16_t port, uint32_t *speed, int *up)
{
	struct rte_eth_link link;
	memset(&link, 0, sizeof(link));
	int rc = rte_eth_link_get_nowait(port, &link);
	*up = link.link_status == RTE_ETH_LINK_UP;
	*speed = link.link_speed == RTE_ETH_SPEED_NUM_UNKNOWN ? 0 : link.link_speed;
	return rc;
}

int weir_symmetric(struct rte_eth_rss_conf *conf, const struct rte_eth_dev_info *info)
{
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
	if (!(info->rss_algo_capa & RTE_ETH_HASH_ALGO_CAPA_MASK(SYMMETRIC_TOEPLITZ)))
		return -ENOTSUP;
	conf->algorithm = RTE_ETH_HASH_FUNCTION_SYMMETRIC_TOEPLITZ;
	return 0;
#else
	(void)conf;
	(void)info;
	return -ENOTSUP;
#endif
}

#define LOG_ROOM 8192
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static char log_text[LOG_ROOM];
static size_t log_written;

static ssize_t log_write(void *cookie, const char *text, size_t n)
{
	(void)cookie;
	pthread_mutex_lock(&log_lock);
	for (size_t i = 0; i < n; i++)
		log_text[log_written++ % LOG_ROOM] = text[i];
	pthread_mutex_unlock(&log_lock);
	return n;
}

int weir_log_capture(void)
{
	static FILE *stream;
	cookie_io_functions_t io = { .write = log_write };
	if (stream != NULL)
		return 0;
	stream = fopencookie(NULL, "w", io);
	if (stream == NULL)
		return -ENOMEM;
	setvbuf(stream, NULL, _IOLBF, 512);
	return rte_openlog_stream(stream);
}

size_t weir_log_tail(char *to, size_t n)
{
	pthread_mutex_lock(&log_lock);
	size_t have = RTE_MIN(RTE_MIN(log_written, (size_t)LOG_ROOM), n);
	for (size_t i = 0; i < have; i++)
		to[i] = log_text[(log_written - have + i) % LOG_ROOM];
	pthread_mutex_unlock(&log_lock);
	return have;
}

#define SIZE(type) { #type, sizeof(struct type) }
#define FIELD(type, field) { #type "." #field, offsetof(struct type, field) }

const char *weir_layout(size_t number, size_t *value)
{
	static const struct { const char *name; size_t value; } table[] = {
		SIZE(weir_frame), FIELD(weir_frame, stamp), FIELD(weir_frame, segments),
		SIZE(rte_eth_conf), FIELD(rte_eth_conf, rxmode), FIELD(rte_eth_conf, rx_adv_conf), FIELD(rte_eth_conf, intr_conf),
		SIZE(rte_eth_rxmode), FIELD(rte_eth_rxmode, mtu), FIELD(rte_eth_rxmode, offloads),
		SIZE(rte_eth_rss_conf), FIELD(rte_eth_rss_conf, rss_key_len), FIELD(rte_eth_rss_conf, rss_hf),
		SIZE(rte_eth_rss_reta_entry64), FIELD(rte_eth_rss_reta_entry64, reta),
		SIZE(rte_eth_rxconf), FIELD(rte_eth_rxconf, offloads),
		SIZE(rte_eth_txconf),
		SIZE(rte_eth_dev_info), FIELD(rte_eth_dev_info, driver_name), FIELD(rte_eth_dev_info, max_mtu),
		FIELD(rte_eth_dev_info, max_rx_queues), FIELD(rte_eth_dev_info, rx_offload_capa),
		FIELD(rte_eth_dev_info, reta_size), FIELD(rte_eth_dev_info, flow_type_rss_offloads),
		FIELD(rte_eth_dev_info, default_rxconf), FIELD(rte_eth_dev_info, rx_desc_lim),
		SIZE(rte_eth_stats), FIELD(rte_eth_stats, imissed), FIELD(rte_eth_stats, ierrors), FIELD(rte_eth_stats, rx_nombuf),
		SIZE(rte_eth_xstat), SIZE(rte_eth_xstat_name),
	};
	if (number >= RTE_DIM(table))
		return NULL;
	*value = table[number].value;
	return table[number].name;
}

#ifdef WEIR_TRANSMIT
uint16_t weir_transmit(uint16_t port, uint16_t queue, struct rte_mempool *pool, const uint8_t *const *data,
		       const uint16_t *len, uint16_t n)
{
	struct rte_mbuf *bufs[64];
	uint16_t ready = 0;
	for (; ready < n && ready < RTE_DIM(bufs); ready++) {
		struct rte_mbuf *m = rte_pktmbuf_alloc(pool);
		if (m == NULL)
			break;
		char *to = rte_pktmbuf_append(m, len[ready]);
		if (to == NULL) {
			rte_pktmbuf_free(m);
			break;
		}
		memcpy(to, data[ready], len[ready]);
		bufs[ready] = m;
	}
	uint16_t sent = rte_eth_tx_burst(port, queue, bufs, ready);
	for (uint16_t i = sent; i < ready; i++)
		rte_pktmbuf_free(bufs[i]);
	return sent;
}
#endif
