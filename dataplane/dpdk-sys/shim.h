/* What of DPDK exists only as C inlines, macros, unions or bit fields, made callable; and one call a burst. */
#ifndef WEIR_DPDK_SHIM_H
#define WEIR_DPDK_SHIM_H

#include <stddef.h>
#include <stdint.h>
#include <rte_config.h>
#include <rte_version.h>
#include <rte_errno.h>
#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_log.h>
#include <rte_dev.h>
#include <rte_cycles.h>
#include <rte_mempool.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>
#include <rte_ethdev.h>

/* One received frame, flat. Valid until its buffer is given back. */
struct weir_frame {
	const uint8_t *data; /* first segment */
	uint32_t len;        /* of all segments */
	uint32_t first;      /* of the first segment */
	uint64_t stamp;      /* the card's clock, where WEIR_STAMPED */
	uint32_t flags;
	uint16_t vlan;       /* tag control information, where WEIR_VLAN */
	uint16_t segments;
};

/* Of weir_frame.flags. */
static const uint32_t WEIR_VLAN = 1;    /* a tag was taken off */
static const uint32_t WEIR_STAMPED = 2; /* the card stamped it */
static const uint32_t WEIR_BADSUM = 4;  /* the card found a checksum wrong */

static const uint64_t WEIR_RX_CHECKSUM = RTE_ETH_RX_OFFLOAD_CHECKSUM;
static const uint64_t WEIR_RX_VLAN_STRIP = RTE_ETH_RX_OFFLOAD_VLAN_STRIP;
static const uint64_t WEIR_RX_SCATTER = RTE_ETH_RX_OFFLOAD_SCATTER;
static const uint64_t WEIR_RX_TIMESTAMP = RTE_ETH_RX_OFFLOAD_TIMESTAMP;

static const uint64_t WEIR_RSS_KINDS = RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP | RTE_ETH_RSS_SCTP;
static const uint32_t WEIR_DEV_LSC = RTE_ETH_DEV_INTR_LSC; /* the driver tells of link changes by interrupt */
static const uint32_t WEIR_DEV_RMV = RTE_ETH_DEV_INTR_RMV;

/* Takes up to n frames off a queue; their buffers into bufs, their looks into frames. stamp_at < 0: no stamps. */
uint16_t weir_receive(uint16_t port, uint16_t queue, struct rte_mbuf **bufs, struct weir_frame *frames, uint16_t n,
		      int stamp_at, uint64_t stamp_flag);
/* Descriptors that hold a frame nobody took yet, or a negative error where the driver cannot tell. */
int weir_waiting(uint16_t port, uint16_t queue);
/* Gives n buffers back. */
void weir_release(struct rte_mbuf **bufs, uint32_t n);
/* Copies a frame of several segments, at most `room` bytes; how many were. */
uint32_t weir_flatten(const struct rte_mbuf *buf, uint8_t *to, uint32_t room);

int weir_errno(void);
uint64_t weir_tsc(void);
/* Asks without waiting: up is 0 or 1, speed in Mbit/s (0 where unknown). Returns 0, or a negative error. */
int weir_link(uint16_t port, uint32_t *speed, int *up);
/* Asks the card to hash both directions of a flow alike by itself (DPDK 23.11 and later). 0, or a negative error. */
int weir_symmetric(struct rte_eth_rss_conf *conf, const struct rte_eth_dev_info *info);

/* From now on DPDK's log goes to a buffer that keeps its end. */
int weir_log_capture(void);
/* The end of the log, at most n bytes of it, not terminated; how many. */
size_t weir_log_tail(char *to, size_t n);

/* Sizes and offsets as the C compiler sees them, by number; NULL behind the last. */
const char *weir_layout(size_t number, size_t *value);

#ifdef WEIR_TRANSMIT
/* Sends copies of n frames; how many were taken. */
uint16_t weir_transmit(uint16_t port, uint16_t queue, struct rte_mempool *pool, const uint8_t *const *data,
		       const uint16_t *len, uint16_t n);
#endif
#endif
