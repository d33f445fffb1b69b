"""The life of a provisioned ESP32 on the broker, by the settings that it was given and nothing else."""
import json

import paho.mqtt.client as mqtt


class BrokerLife:
    def __init__(self, settings):
        self.base = f"station/{settings['station_id']}/device/{settings['device_id']}"
        self.is_acknowledged = False
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=settings["device_id"])
        self.client.username_pw_set(settings["device_id"], settings["device_token"])
        self.client.will_set(f"{self.base}/heartbeat", json.dumps({"status": "offline"}), qos=1)
        self.client.reconnect_delay_set(1, 2)
        self.client.on_connect, self.client.on_message = self.connected, self.heard
        self.place = settings["mqtt_host"], settings["mqtt_port"]

    def begin(self):
        self.client.connect_async(*self.place, keepalive=30)
        self.client.loop_start()

    def connected(self, client, _user, _flags, reason, _properties):
        if not reason.is_failure:
            client.subscribe([(f"{self.base}/handshake/ack", 1), (f"{self.base}/command", 1)])
            client.publish(f"{self.base}/handshake", json.dumps(
                {"type": "light", "firmwareVersion": "0.1.32", "chip": "esp32"}), qos=1)

    def heard(self, client, _user, message):
        if message.topic.endswith("/handshake/ack") and json.loads(message.payload)["status"] == "ok":
            self.is_acknowledged = True
            client.publish(f"{self.base}/heartbeat", json.dumps({"status": "online"}), qos=1)

    def end(self):
        self.client.disconnect()
        self.client.loop_stop()
