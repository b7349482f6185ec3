#!/usr/bin/env python3
"""Makes capture.pcap.zst: MongoDB, Kafka, Thrift and Dubbo over loopback, of invented customers.

    make.py OUT.pcap      needs dumpcap (as root) and, from PyPI, pymongo, confluent-kafka and thriftpy2

- MongoDB: pymongo (PLAIN login, insert, find, a command that is refused) against a server of this script, which answers with pymongo's own BSON.
- Kafka: librdkafka's producer and consumer against its mock cluster, records uncompressed.
- Thrift: thriftpy2's client and server, framed, binary and compact.
- Dubbo: both ends are this script's: Hessian 2 written by hand.
"""
import os, socket, struct, subprocess, sys, tempfile, threading, time

PEOPLE = [("王伟", "13800138000", "110101199003070011"), ("李娜", "13912345678", "320102198507150027"), ("张敏", "18612340987", "440106199212120035")]


def with_check(digits):
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return digits[:17] + "10X98765432"[sum(int(d) * w for d, w in zip(digits, weights)) % 11]


PEOPLE = [{"name": n, "mobile": m, "id_card": with_check(i)} for n, m, i in PEOPLE]


def exactly(sock, n):
    data = b""
    while len(data) < n:
        more = sock.recv(n - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def serve(handler):
    """A server on a port of loopback, a thread a connection."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run(sock):
        try:
            while True:
                handler(sock)
        except (EOFError, OSError):
            sock.close()

    def accept():
        while True:
            threading.Thread(target=run, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


def mongodb():
    import bson
    import pymongo

    def handle(sock):
        length, number, _, operation = struct.unpack("<4i", exactly(sock, 16))
        body = exactly(sock, length - 16)
        if operation == 2004:
            command = bson.decode(body[body.index(b"\0", 4) + 9:])
        else:
            command = bson.decode(body[5:5 + struct.unpack_from("<i", body, 5)[0]])
        name = next(iter(command)).lower()
        answer = {"ok": 1.0}
        if name in ("hello", "ismaster"):
            answer = {"isWritablePrimary": True, "ismaster": True, "maxWireVersion": 21, "minWireVersion": 0, "maxBsonObjectSize": 16777216,
                      "maxMessageSizeBytes": 48000000, "maxWriteBatchSize": 100000, "readOnly": False, "ok": 1.0}
        elif name == "saslstart":
            answer = {"conversationId": 1, "done": True, "payload": b"", "ok": 1.0}
        elif name == "insert":
            answer = {"n": 3, "ok": 1.0}
        elif name == "find":
            answer = {"cursor": {"id": bson.Int64(0), "ns": "crm.customers", "firstBatch": [{"_id": bson.ObjectId("65f000000000000000000001"), **p} for p in PEOPLE]}, "ok": 1.0}
        elif name == "drop":
            answer = {"ok": 0.0, "errmsg": "not authorized on crm to execute command", "code": 13, "codeName": "Unauthorized"}
        document = bson.encode(answer)
        if operation == 2004:
            sock.sendall(struct.pack("<4iiqii", 36 + len(document), 0, number, 1, 8, 0, 0, 1) + document)
        else:
            sock.sendall(struct.pack("<4iIb", 21 + len(document), 0, number, 2013, 0, 0) + document)

    port = serve(handle)
    client = pymongo.MongoClient(f"mongodb://crm_app:Wk8!customer@127.0.0.1:{port}/?authMechanism=PLAIN", appname="crm", directConnection=True)
    customers = client.crm.customers
    customers.insert_many([dict(p) for p in PEOPLE])
    list(customers.find({"mobile": PEOPLE[0]["mobile"]}))
    try:
        client.crm.drop_collection("customers")
    except pymongo.errors.OperationFailure:
        pass
    client.close()


def kafka():
    import json
    from confluent_kafka import Consumer, Producer

    producer = Producer({"bootstrap.servers": "unused", "test.mock.num.brokers": 1, "client.id": "crm-orders", "log_level": 0})
    brokers = ",".join(b.host + ":" + str(b.port) for b in producer.list_topics(timeout=10).brokers.values())
    for person in PEOPLE:
        producer.produce("orders", key=person["name"], value=json.dumps(person, ensure_ascii=False))
    producer.flush(10)
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": "billing", "client.id": "billing", "auto.offset.reset": "earliest", "log_level": 0})
    consumer.subscribe(["orders"])
    seen, end = 0, time.time() + 20
    while seen < 3 and time.time() < end:
        message = consumer.poll(0.5)
        seen += message is not None and not message.error()
    consumer.close()
    assert seen == 3, seen


def thrift(folder):
    import thriftpy2
    from thriftpy2.protocol import TBinaryProtocolFactory, TCompactProtocolFactory
    from thriftpy2.rpc import client_context, make_server
    from thriftpy2.transport import TFramedTransportFactory

    with open(f"{folder}/crm.thrift", "w") as out:
        out.write("""struct Person { 1: string name, 2: string mobile, 3: string id_card }
exception Denied { 1: string why }
service Crm { list<Person> find(1: string mobile, 2: i32 limit) throws (1: Denied denied), void note(1: string text) }
""")
    crm = thriftpy2.load(f"{folder}/crm.thrift", module_name="crm_thrift")

    class Handler:
        def find(self, mobile, limit):
            if limit > 100:
                raise crm.Denied(why="too many")
            return [crm.Person(**p) for p in PEOPLE[:limit]]

        def note(self, text):
            pass

    for protocol in (TBinaryProtocolFactory(), TCompactProtocolFactory()):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        server = make_server(crm.Crm, Handler(), "127.0.0.1", port, proto_factory=protocol, trans_factory=TFramedTransportFactory())
        threading.Thread(target=server.serve, daemon=True).start()
        time.sleep(0.5)
        with client_context(crm.Crm, "127.0.0.1", port, proto_factory=protocol, trans_factory=TFramedTransportFactory()) as client:
            assert len(client.find("138", 3)) == 3
            client.note("seen")
            try:
                client.find("138", 1000)
            except crm.Denied:
                pass


def dubbo():
    def text(t):
        n = len(t)
        return (bytes([n]) if n < 32 else bytes([0x30 + (n >> 8), n & 255])) + t.encode()

    def frame(flags, status, number, body):
        return struct.pack(">HBBQI", 0xDABB, flags, status, number, len(body)) + body

    def person(p):
        return b"\x60" + text(p["name"]) + text(p["mobile"]) + text(p["id_card"])

    shape = b"C" + text("cn.example.crm.Person") + b"\x93" + text("name") + text("mobile") + text("idCard")

    def handle(sock):
        head = exactly(sock, 16)
        flags, number, length = head[2], *struct.unpack(">QI", head[4:])
        body = exactly(sock, length)
        if flags & 0x20:
            sock.sendall(frame(0x22, 20, number, b"N"))
        elif b"find" in body:
            sock.sendall(frame(0x02, 20, number, b"\x94\x7b" + shape + b"".join(map(person, PEOPLE)) + b"H" + text("dubbo") + text("2.0.2") + b"Z"))
        else:
            sock.sendall(frame(0x02, 60, number, text("no such method")))

    with socket.create_connection(("127.0.0.1", serve(handle))) as sock:
        def call(number, method, types, arguments):
            attachments = b"H" + text("path") + text("cn.example.crm.CustomerService") + text("remote.application") + text("crm-web") + b"Z"
            body = text("2.0.2") + text("cn.example.crm.CustomerService") + text("0.0.0") + text(method) + text(types) + arguments + attachments
            sock.sendall(frame(0xC2, 0, number, body))
            length, = struct.unpack(">I", exactly(sock, 16)[12:])
            exactly(sock, length)

        call(1, "findCustomers", "Ljava/lang/String;I", text(PEOPLE[0]["mobile"]) + b"\x93")
        call(2, "gone", "", b"")


def main():
    with tempfile.TemporaryDirectory() as folder:
        capture = subprocess.Popen(["dumpcap", "-q", "-P", "-i", "lo", "-f", "tcp", "-w", f"{folder}/all.pcap"], stderr=subprocess.DEVNULL)
        time.sleep(1.5)
        for part in (mongodb, kafka, lambda: thrift(folder), dubbo):
            part()
        time.sleep(1.0)
        capture.terminate()
        capture.wait()
        os.replace(f"{folder}/all.pcap", sys.argv[1])


main()
